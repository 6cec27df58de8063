"""Who is speaking, and may they.

Words: an **actor** is whoever acts; its **role** says what it may do; a **token** proves who it is. The **audit** record
keeps every act that is not itself a report. Enters no other room: an operation and its units are ids here.
"""
