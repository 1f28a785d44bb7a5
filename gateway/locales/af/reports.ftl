### What happened in some days, why a number is what it is, and files. The arguments are explained in en/reports.ftl.

## Reports

report-nothing = 📊 { $days }: niks is neergeskryf nie.
nothing-sold = Niks is verkoop nie.
none-sold = Geen { $item } verkoop nie.
ask-history = Ek kan nie sê hoeveel { $item } dit is nie. Stuur "geskiedenis van { $item }"
first-stock = Eerste voorraad
was-lost = Verlore
went-back = Teruggestuur
counts-found = Tellings het gevind
report-best = Beste: { $items }
report-low = Min: { $items }
report-margin =
    { $count ->
        [one] Wins { $money } op { $amount } lyn
       *[other] Wins { $money } op { $amount } lyne
    }
without-price =
    { $count ->
        [one] { $amount } lyn het geen prys nie: dit is nie in die geld nie.
       *[other] { $amount } lyne het geen prys nie: hulle is nie in die geld nie.
    }
no-prices = Geen pryse is bekend nie. Om geld te sien, stuur "3 brood verkoop teen R18 elk"
revenue = 📊 { $days }: { $money } uit verkope
revenue-unknown =
    📊 { $days }: ek kan nie sê hoeveel geld dit is nie: geen pryse is bekend nie.
    Om dit te sien, stuur "3 brood verkoop teen R18 elk"
profit = 📊 { $days }: { $money } wins
profit-unknown =
    📊 { $days }: ek kan nie die wins sê nie. Ek moet weet wat jy betaal en waarvoor jy verkoop.
    Stuur "20 brood gekoop teen R12 elk" en "3 brood verkoop teen R18 elk"
not-in-profit =
    { $count ->
        [one] { $amount } lyn van verkope is nie daarin nie: prys of koste is nie bekend nie.
       *[other] { $amount } lyne van verkope is nie daarin nie: prys of koste is nie bekend nie.
    }
worth = 📦 Jou voorraad het { $money } gekos
worth-unknown =
    📦 Ek kan nie sê wat jou voorraad werd is nie: geen koste is bekend nie.
    Om dit te sien, stuur "20 brood gekoop teen R12 elk"
not-in-worth =
    { $count ->
        [one] { $amount } item het geen koste nie: dit is nie daarin nie.
       *[other] { $amount } items het geen koste nie: hulle is nie daarin nie.
    }
this-week = Hierdie week
this-month = Hierdie maand
which-days = ❓ Van watter dae? Stuur dit soos "verslag gister" of "verkope hierdie week"

## Why a number is what it is

last-counted = { $who } het { $amount } getel
never-counted = Nog nooit getel nie.
report-older = … { $amount } ouer
below-since = Onder nul sedert { $when }
write-down = Iets is nie neergeskryf nie. Wanneer jy kan, stuur "getel 0 { $item }"

## Files

stock-file = 📄 Jou voorraad
movements-file = 📄 Wat gebeur het { $days }
fewer-days = ⚠️ Dit is te veel vir een lêer. Vir watter dae?
day-file-too-large = ⚠️ Dit is te veel vir een lêer, ook vir 'n dag. Niks is gestuur nie.
stock-file-too-large = ⚠️ Jou voorraad is te veel vir een lêer hier. Niks is gestuur nie.
