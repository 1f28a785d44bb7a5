### Questions, and the buttons under them. A button has room for 20 letters.

## Buttons

button-came-in = Came in
button-sold = Sold
button-counted = Counted
button-yes = Yes
button-no = No
button-save-all = Save all
button-fix = Fix
button-cancel = Cancel
# Opens a list.
button-choose = Choose
button-undo = Undo

## Which

# Between the last two of several: 12 or 20.
or = or
which-direction = ❓ { $lines }: came in, sold or counted?
which-item = ❓ Of what? Write it like "sold 3 bread"
which-item-of = ❓ { $amount } of what? Write it like "sold { $amount } bread"
# $items are numbered lines.
which-of =
    ❓ Which "{ $said }"?
    { $items }
how-many = ❓ How many? Write it like "sold 3 bread"
how-many-of = ❓ How many { $item }? Write it like "sold 3 { $item }"
which-number = ❓ { $item }: { $numbers }? Send one number, like "add 20 bread"

## Whether it is meant

# $lines are what is going to be done, as the next four say it.
really = ❓ { $lines }?
really-forwarded = ❓ You forwarded this. Should I record it?
really-forwarded-lines =
    ❓ You forwarded this. Should I record it?
    { $lines }
really-undo = ❓ Undo the last one?
do-add = Add { $what }
do-take-off = Take off { $what }
do-take-off-all = Take off all { $what }
do-set = Set to { $what }
do-empty = Set everything to 0

## What became of a question

how-to-correct = ❓ What should it be? Send it like "no 40" or "I meant milk". Nothing changed yet.
undo-which = ❓ Which one? Tap Undo under the answer you mean, or send just "undo" for the last one. Nothing changed.
dropped = 👍 Left as it was. Nothing changed.
already-answered = 👍 You answered that already. Nothing more changed.
question-gone = That question is closed. Nothing changed. Send it again, like "sold 3 bread"

## Of what was said before

which-line =
    ❓ Which line?
    { $lines }
really-undo-many = ❓ Undo your last { $amount }?
really-undo-these = ❓ Undo { $lines }?
really-undo-old = ❓ That is more than a day old. Undo { $lines }?
which-day = ❓ { $lines }: on which day?
button-today = Today
button-yesterday = Yesterday
# $unit is one of what holds several: a case.
how-many-in = ❓ How many { $item } are in a { $unit }? Send the number, like 12. I will remember it.
each-or-all = ❓ { $price } for { $item }: for each or for all?
button-each = Each
button-for-all = For all
# $what is what is going to be done: Add 50 000 screws.
really-so-much = ❓ { $what }? You usually add { $usual }.
really-so-much-else = ❓ { $what }? Usually it is { $usual }.
question-replaced = A newer question took its place. Nothing changed. Answer that one, or send the line again.
# $question is a question of these files, without its mark.
still-open = Still open: { $question }
set-or-add = ❓ Restock { $lines }: did that come in on top, or is that what there is now?
