### Items beside their stock: what runs low, names, what happened to one. The arguments are explained in en/items.ftl.

## Running low

# REVIEW
low =
    { $count ->
        [one] ⚠️ Ntho e { $amount } e a fela:
       *[other] ⚠️ Dintho tse { $amount } di a fela:
    }
    { $lines }
# REVIEW
finished =
    { $count ->
        [one] ⚠️ Ntho e { $amount } e fedile:
       *[other] ⚠️ Dintho tse { $amount } di fedile:
    }
    { $lines }
# REVIEW
low-line = { $item } { $balance } (temoso ho { $level })
# REVIEW
nothing-low = 👍 Ha ho letho le felang. Ho lemoswa, romela "warn me when bohobe is under 5"
# REVIEW
nothing-finished = 👍 Ha ho letho le fedileng.
# REVIEW
low-now = ⚠️ { $item } ho setse { $balance } (o kopile temoso ho { $level })
# REVIEW
level-set = ✅ Ke tla o lemosa ha { $item } e theohetse ho { $level }
# REVIEW
level-off = ✅ Ha ho sa na ditemoso ka { $item }
# REVIEW
which-level = ❓ Ke o lemose ha ho setse { $item } e kae? Romela tjena: "warn me when { $item } is under 5"

## Names

# REVIEW
renamed =
    ✅ { $was } jwale e bitswa { $item }
    Lebitso la kgale le sa sebetsa.
# REVIEW
aliased = ✅ Ho ngotswe: "{ $alias }" e bolela { $item }
# REVIEW
name-taken = ⚠️ Ha ho a bolokwa: ntho e nngwe e se e bitswa { $item }.
# REVIEW
really-archive = ❓ Ke tlose { $item } lenaneng la hao? Buka e re ho na le { $balance }.
# REVIEW
archived =
    ✅ { $item } e tlositswe lenaneng la hao
    Se etsahetseng ka yona se dula se ngotswe.
# REVIEW
really-merge = ❓ Ke etse { $was } le { $item } ntho e le nngwe? Ho sala { $item }, kaofela { $balance }.
# REVIEW
merged =
    ✅ { $was } le { $item } jwale ke ntho e le nngwe: { $item }
    Mabitso ka bobedi a sebetsa.
# REVIEW
same-item = 👍 Mabitso ka bobedi e se e le { $item }.
# REVIEW
units-differ = ⚠️ Ha ho a bolokwa: { $was } le { $item } di balwa ka diyuniti tse fapaneng. Qala ka ho bala e nngwe ka yuniti ya e nngwe.
# REVIEW
managers-only = ⚠️ Ha ho a bolokwa: ke mong kapa mookamedi feela ya ka etsang seo.

## What happened to an item

# REVIEW
history =
    📦 { $item } { $balance }
    { $lines }
# REVIEW
history-none = Ha ho letho le ngotsweng ha jwale.
# REVIEW
history-older = … le tsa kgale
# REVIEW
kind-receipt = di kene
# REVIEW
kind-sale = di rekisitswe
# REVIEW
kind-return-in = di kgutletse
# REVIEW
kind-opening = setoko sa pele
# REVIEW
kind-count = di badilwe
# REVIEW
kind-transfer = di isitswe sebakeng se seng
# REVIEW
kind-reversal = di etsolotswe
# REVIEW
kind-adjustment = di fetotswe
