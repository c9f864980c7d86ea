"""One module a format: ``write(material, folder)`` gives the losses. See ``annotate.formats.writing``."""
