"""Writers and readers of exported tables and of their manifests."""
