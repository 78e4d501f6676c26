"""Who may see which tab, how often the public may ask, and who a visitor is."""
