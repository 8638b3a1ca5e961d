"""Numerics under the charts and their design: special functions, constants. Pure."""
