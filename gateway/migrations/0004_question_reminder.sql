-- A question that is still open is repeated once behind the answer to something else.
ALTER TABLE question ADD COLUMN reminded_by text; -- the message whose answer repeated it; empty: none did
