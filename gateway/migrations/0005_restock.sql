-- What a person means by "restock": to add so many, or that there are so many now. Asked the first time.
CREATE TABLE restock (
    member_id uuid    NOT NULL, -- who says it
    adds      boolean NOT NULL, -- whether the number comes on top
    CONSTRAINT restock_pkey PRIMARY KEY (member_id)
);
