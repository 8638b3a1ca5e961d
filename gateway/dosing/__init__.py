"""Ratios of what was dosed: recipes, setpoints against actuals, books and what is missing from them. Pure."""
