-- Who was given hot leads, and who should have been: read for the last 30 days.

create index routing_decision_hot on routing_decision (at) where trace ->> 'temperature' = 'hot';
