-- What messages cost, as columns that one index adds up. `pricing` keeps Meta's own words.

ALTER TABLE message
    ADD COLUMN delivered_month date,                        -- first day of the UTC month in which it arrived; NULL: it has not
    ADD COLUMN price_category  text,                        -- Meta's category, from the first receipt that names a price
    ADD COLUMN price_type      text,                        -- Meta's pricing type, from the same
    ADD COLUMN market          text;                        -- ISO 3166 code of the recipient's country; NULL: not known
