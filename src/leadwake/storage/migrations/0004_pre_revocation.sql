-- What follows when people speak for themselves: automation pauses for a person, one channel alone is given up, and a
-- colleague who has been in touch makes a late answer needless.

alter table lead
    add column paused_at     timestamptz,   -- nothing automated for this person until they ask again or somebody resumes
    add column paused_why    text,          -- unsure_reply, no_calls, user
    add column contacted_at  timestamptz,   -- a colleague was in touch, as they say themselves
    add column lives_at      bigint;        -- blind index of the state and ZIP where they said they live; no longer counts
                                            -- once they give another

alter table contact_point
    add column voice_stopped_at timestamptz; -- "do not call, text is fine"
