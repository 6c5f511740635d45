"""What somebody who writes back wants, read by rules over plain words: English and Spanish, no network, nothing learnt.

plain     a message in plain words: small letters, no accents, slang written out, other people's words left out
phrases   the phrases of each meaning
reading   the meaning of a message, with the words that decided
later     until when somebody who says "not now" wants to be left alone
"""
