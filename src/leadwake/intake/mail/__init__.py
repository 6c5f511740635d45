"""Lead mails, read by their structure (docs/adr/0034). `reading` is the way in; any bytes give a reading.

In the order of reading: `parts` (headers and texts of the bytes), `lines` (a text or page as lines and rows), `quotes`
(what is new, what is forwarded), `letter` (who wrote, to whom), `inline` and `pairs` (labels and their values; `labels`
says what senders call our fields), `said` (values by field, sentences apart), then what is asked of it: `contact`,
`speech`, `fields`, `extra`, `source`; `noise`, `wish` and `verdict` say whether it is a lead. `lead` is what comes out.
"""
