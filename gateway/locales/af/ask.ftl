### Questions, and the buttons under them. A button has room for 20 letters. The arguments are explained in en/ask.ftl.

## Buttons

button-came-in = Ingekom
button-sold = Verkoop
button-counted = Getel
button-yes = Ja
button-no = Nee
button-save-all = Stoor alles
button-fix = Maak reg
button-cancel = Kanselleer
button-choose = Kies
button-undo = Ontdoen

## Which

or = of
which-direction = ❓ { $lines }: ingekom, verkoop of getel?
which-item = ❓ Van wat? Skryf dit soos "3 brood verkoop"
which-item-of = ❓ { $amount } van wat? Skryf dit soos "{ $amount } brood verkoop"
which-of =
    ❓ Watter "{ $said }"?
    { $items }
how-many = ❓ Hoeveel? Skryf dit soos "3 brood verkoop"
how-many-of = ❓ Hoeveel { $item }? Skryf dit soos "3 { $item } verkoop"
which-number = ❓ { $item }: { $numbers }? Stuur een getal, soos "voeg 20 brood by"

## Whether it is meant

really = ❓ { $lines }?
really-forwarded = ❓ Jy het dit aangestuur. Moet ek dit aanteken?
really-forwarded-lines =
    ❓ Jy het dit aangestuur. Moet ek dit aanteken?
    { $lines }
really-undo = ❓ Die laaste een ontdoen?
do-add = Voeg { $what } by
do-take-off = Trek { $what } af
do-take-off-all = Trek alle { $what } af
do-set = Stel op { $what }
do-empty = Stel alles op 0

## What became of a question

how-to-correct = ❓ Wat moet dit wees? Stuur dit soos "nee 40" of "ek het melk bedoel". Niks het nog verander nie.
undo-which = ❓ Watter een? Druk Ontdoen onder die antwoord wat jy bedoel, of stuur net "ontdoen" vir die laaste een. Niks het verander nie.
dropped = 👍 Gelos soos dit was. Niks het verander nie.
already-answered = 👍 Jy het dit reeds geantwoord. Niks meer het verander nie.
question-gone = Daardie vraag is toe. Niks het verander nie. Stuur dit weer, soos "3 brood verkoop"

## Of what was said before

which-line =
    ❓ Watter reël?
    { $lines }
really-undo-many = ❓ Jou laaste { $amount } ontdoen?
really-undo-these = ❓ { $lines } ontdoen?
really-undo-old = ❓ Dit is meer as 'n dag oud. { $lines } ontdoen?
which-day = ❓ { $lines }: op watter dag?
button-today = Vandag
button-yesterday = Gister
how-many-in = ❓ Hoeveel { $item } is in 'n { $unit }? Stuur die getal, soos 12. Ek sal dit onthou.
each-or-all = ❓ { $price } vir { $item }: vir elk of vir almal?
button-each = Elk
button-for-all = Vir almal
really-so-much = ❓ { $what }? Jy voeg gewoonlik { $usual } by.
really-so-much-else = ❓ { $what }? Gewoonlik is dit { $usual }.
question-replaced = 'n Nuwer vraag het in sy plek gekom. Niks het verander nie. Antwoord daardie een, of stuur die reël weer.
still-open = Nog oop: { $question }
set-or-add = ❓ Restock { $lines }: het dit bygekom, of is dit wat daar nou is?
