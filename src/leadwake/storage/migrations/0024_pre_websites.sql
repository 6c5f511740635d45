-- The team's own websites, whose pages may use our scripts.

create table website (
    id          uuid primary key,
    origin      text not null unique,               -- https://example.com; www. of it is the same website
    form        boolean not null default true,      -- which parts its pages load
    visits      boolean not null default true,
    chat        boolean not null default false,
    added_by    uuid not null references app_user,
    added_at    timestamptz not null,
    removed_at  timestamptz                         -- its pages are refused since then
);
