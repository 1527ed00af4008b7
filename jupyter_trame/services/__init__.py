"""What the hosts of services share: which there are, what an address means, who lives how long, what is told."""
