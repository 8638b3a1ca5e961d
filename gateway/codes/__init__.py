"""What a code says: GS1 element strings, Digital Link, EPC memory, our own labels; and the lot it names. Pure."""
