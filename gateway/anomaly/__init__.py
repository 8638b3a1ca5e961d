"""Anomaly checks that need no limits: scores with a known rate of false alarms. Pure."""
