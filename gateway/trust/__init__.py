"""Who a server is and who we are to it: names, certificates, keys, secrets that nobody else reads."""
