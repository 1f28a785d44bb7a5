### Questions, and the buttons under them. A button has room for 20 letters. The arguments are explained in en/ask.ftl.

## Buttons

# REVIEW
button-came-in = Di kene
# REVIEW
button-sold = Di rekisitswe
# REVIEW
button-counted = Di badilwe
# REVIEW
button-yes = Ee
# REVIEW
button-no = Tjhe
# REVIEW
button-save-all = Boloka tsohle
# REVIEW
button-fix = Lokisa
# REVIEW
button-cancel = Hlakola
# REVIEW
button-choose = Kgetha
# REVIEW
button-undo = Etsolla

## Which

# REVIEW
or = kapa
# REVIEW
which-direction = ❓ { $lines }: di kene, di rekisitswe kapa di badilwe?
# REVIEW
which-item = ❓ Ya eng? Ngola tjena: "ke rekisitse mahobe a 3"
# REVIEW
which-item-of = ❓ { $amount } ya eng? Ngola tjena: "ke rekisitse { $amount } bohobe"
# REVIEW
which-of =
    ❓ "{ $said }" efe?
    { $items }
# REVIEW
how-many = ❓ Tse kae? Ngola tjena: "ke rekisitse mahobe a 3"
# REVIEW
how-many-of = ❓ { $item } e kae? Ngola tjena: "ke rekisitse 3 { $item }"
# REVIEW
which-number = ❓ { $item }: { $numbers }? Romela nomoro e le nngwe, tjena: "eketsa 20 bohobe"

## Whether it is meant

# REVIEW
really = ❓ { $lines }?
# REVIEW
really-forwarded = ❓ O fetiseditse sena. Na ke se ngole?
# REVIEW
really-forwarded-lines =
    ❓ O fetiseditse sena. Na ke se ngole?
    { $lines }
# REVIEW
really-undo = ❓ Ke etsolle ya ho qetela?
# REVIEW
do-add = Eketsa { $what }
# REVIEW
do-take-off = Tlosa { $what }
# REVIEW
do-take-off-all = Tlosa { $what } kaofela
# REVIEW
do-set = Beha ho { $what }
# REVIEW
do-empty = Beha tsohle ho 0

## What became of a question

# REVIEW
how-to-correct = ❓ E tlameha ho ba eng? Romela tjena: "tjhe 40" kapa "ke ne ke re lebese". Ha ho letho le fetohileng ha jwale.
# REVIEW
undo-which = ❓ Efe? Tobetsa Etsolla ka tlasa karabo eo o e bolelang, kapa o romele "etsolla" feela bakeng sa ya ho qetela. Ha ho letho le fetohileng.
# REVIEW
dropped = 👍 Ho tlohetswe ho le jwalo. Ha ho letho le fetohileng.
# REVIEW
already-answered = 👍 O se o arabile seo. Ha ho letho le leng le fetohileng.
# REVIEW
question-gone = Potso eo e kwetswe. Ha ho letho le fetohileng. E romele hape, tjena: "ke rekisitse mahobe a 3"

## Of what was said before

# REVIEW
which-line =
    ❓ Mola ofe?
    { $lines }
# REVIEW
really-undo-many = ❓ Ke etsolle tsa hao tsa ho qetela tse { $amount }?
# REVIEW
really-undo-these = ❓ Ke etsolle { $lines }?
# REVIEW
really-undo-old = ❓ Seo se fetile letsatsi. Ke etsolle { $lines }?
# REVIEW
which-day = ❓ { $lines }: ka letsatsi lefe?
# REVIEW
button-today = Kajeno
# REVIEW
button-yesterday = Maobane
# REVIEW
how-many-in = ❓ { $item } e kae ka hara { $unit }? Romela nomoro, jwalo ka 12. Ke tla e hopola.
# REVIEW
each-or-all = ❓ { $price } { $item }: ka nngwe kapa ka tsohle?
# REVIEW
button-each = Ka nngwe
# REVIEW
button-for-all = Ka tsohle
# REVIEW
really-so-much = ❓ { $what }? Hangata o eketsa { $usual }.
# REVIEW
really-so-much-else = ❓ { $what }? Hangata ke { $usual }.
# REVIEW
question-replaced = Potso e ntjha e nkile sebaka sa yona. Ha ho letho le fetohileng. Araba eo, kapa o romele mola hape.
# REVIEW
still-open = E sa buletswe: { $question }
# REVIEW
set-or-add = ❓ Restock { $lines }: na di kene hodima tse neng di le teng, kapa ke tse teng jwale?
