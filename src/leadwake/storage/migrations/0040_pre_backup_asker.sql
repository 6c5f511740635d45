-- Who asked for a backup stands in the log beside it.
alter table backup add column asked_by text;
