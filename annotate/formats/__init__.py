"""One writer per format. Only this package and later reports may import pandas."""
