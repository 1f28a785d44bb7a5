### Voice notes, photos, documents, and the papers that were read from them.

## Files that cannot be read: each says that nothing changed

no-voice = 🎤 I cannot listen to voice notes yet. Nothing changed. Please type it, like "sold 3 bread"
no-photo = I cannot read photos yet. Nothing changed. Please type it, like "add 20 milk"
no-document = I cannot read this kind of document yet. Nothing changed. A CSV or Excel table with the columns Item and Qty works.
voice-busy = ⚠️ I cannot listen right now. Nothing changed. Please type it, or send it again later.
file-busy = ⚠️ I cannot read it right now. Nothing changed. Please type it, or send it again later.
voice-unclear = ❓ I could not make that out. Nothing changed. Say it again, or type it like "sold 3 bread"
file-unclear = ❓ I could not read that. Nothing changed. A sharp, straight photo of the whole paper works best, or type it.
voice-empty = 🎤 I heard nothing. Nothing changed. Say it again, or type it like "sold 3 bread"
photo-empty = I see no stock in that photo. Nothing changed.
document-empty = I see no stock in that document. Nothing changed.
file-gone = ⚠️ WhatsApp does not have that file any more. Nothing changed. Please send it again.
file-too-large = ⚠️ That is too large: at most { $mebibytes } MB. Nothing changed. Send a shorter or smaller one.
file-unknown = ❓ I cannot read that kind of file. Nothing changed. I read voice notes, photos, PDF, CSV and Excel (xlsx).
too-many-lines = ❓ That has more lines than I can show you: at most 60. Nothing changed. Send it in parts.

## Fixing a paper

how-to-fix =
    What should change? For example
    "2: 12" the number of line 2
    "2 is milk" the item of line 2
    "remove 3"
# $count decides between one and many, $amount is the same to show.
no-such-line = ❓ There is no such line: it has { $amount }. Nothing changed.
no-line-left = 👍 No line is left. Nothing changed.
answer-in-words = Send "save all", "fix" or "cancel"

## A paper

not-saved-yet = ❓ Not saved yet:
# $number begins with a space, or is empty. $month is a month as below.
paper-booked = ⚠️ This paper{ $number } was already booked as #{ $reference }. Nothing added.
paper-booked-on = ⚠️ This paper{ $number } was already booked as #{ $reference } on { $day } { $month }. Nothing added.
month =
    { $count ->
        [1] January
        [2] February
        [3] March
        [4] April
        [5] May
        [6] June
        [7] July
        [8] August
        [9] September
        [10] October
        [11] November
       *[12] December
    }
line-count = { $count ->
        [one] { $amount } line
       *[other] { $amount } lines
    }
could-not-read = ❓ { $amount } I could not read: add by hand
mismatch = ⚠️ The lines come to { $sum }, the paper says { $total }
came-in = Came in
was-sold = Sold
came-back = Came back
taken-off = Taken off
was-counted = Counted
# In the place of an amount.
all-of-it = all
line-missing = not in your stock
line-unit = how many in one?
line-fraction = whole pieces only
