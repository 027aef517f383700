"""Sales: offers, contracts, subscriptions, what clients paid and their bank details."""
