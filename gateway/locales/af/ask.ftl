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

## What became of a question

how-to-correct = ❓ Om reg te maak: stuur "ontdoen", dan die regte reël, soos "voeg 40 skroewe by". Niks het nog verander nie.
undo-which = ❓ Watter een? Druk Ontdoen onder die antwoord wat jy bedoel, of stuur net "ontdoen" vir die laaste een. Niks het verander nie.
dropped = 👍 Gelos soos dit was. Niks het verander nie.
already-answered = 👍 Jy het dit reeds geantwoord. Niks meer het verander nie.
question-gone = Daardie vraag is toe. Niks het verander nie. Stuur dit weer, soos "3 brood verkoop"
