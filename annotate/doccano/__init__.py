"""Everything that talks to Doccano: client, wire codec, campaign, embedded server."""
