"""A plant at a plant's pace, for what-if: kilograms a minute, without wires."""
