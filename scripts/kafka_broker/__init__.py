"""What scripts/kafka-broker is made of."""
