"""MQTT to replica and database, and the audit that shows nothing is missing."""
