"""Bad input by seed: random, with bits turned, cut, and with its checks repaired afterwards."""
