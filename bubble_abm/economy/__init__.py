"""What is modelled: agents, markets, money, the order of events. Knows of no run, no file and no screen."""
