-- Calls made to a vendor on one day of the team's, for those that are limited by the day.
create table vendor_day (
    account  text not null,             -- vendor and a digest of the account and sender that the limit is of
    day      date not null,
    used     integer not null default 0,
    primary key (account, day)
);
