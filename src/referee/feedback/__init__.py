"""Pages about reports: what a reader may see (`interface`), in a terminal (`terminal`) and in a browser (`html`)."""
