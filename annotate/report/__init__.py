"""Reports as one HTML file: templates and plots. Figures come in as values; nothing is counted here."""
