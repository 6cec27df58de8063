"""It holds: a hub of its own under a nemesis that kills, freezes, flushes and cuts whatever it is made of, while clients post.

What must come of it is decided from what the clients themselves wrote down and from what the hub has then, by counting again.

    plan      what is posted, from a seed alone
    client    one liaison's device as a process: keeps its key before it sends, and sends until it is told what became of it
    history   what a client writes down: sent, answered, broken off
    clients   several of them, kept running
    proxy     a wire that can be cut, stalled, or made to drip
    nemesis   the faults, and the one who commits them
    board     who watches meanwhile: the board by HTTP, the journal in the database
    counting  a count of one's own, from the plan
    checker   what was found: every figure must be 0
    trial     all of it together
    beside    the faults that no caller may notice, beside a night that is played or whatever else is tried
"""
