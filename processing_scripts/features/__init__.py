"""From a raw row to what an algorithm takes, by one JSON document. Travels in every artifact."""
