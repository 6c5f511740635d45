"""Lead mails, read by their structure (docs/adr/0034). `reading` is the way in; any bytes give a reading.

parts   headers and texts of the bytes               said      values by field, sentences apart
lines   a text or page as lines and rows             contact   who it is, and how to reach them
data    bodies that are no letters: JSON, XML        speech    their own words; boilerplate is not
quotes  what is new in it, what is forwarded         fields    the lead, put together; extra: the rest
letter  who wrote, about what, to whom               source    who found it, who passed it on
inline  labels and values within a line              noise     kinds of mails that are no leads
pairs   labels and values wherever they stand        wish      what people ask who write by hand
labels  what senders call our fields                 verdict   whether it is a lead, or why not
shapes  what a line or cell looks like               lead      what comes out
"""
