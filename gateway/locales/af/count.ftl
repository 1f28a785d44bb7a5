### A stock-take. The arguments are explained in en/count.ftl.

count-started = 📋 Ons tel. Stuur wat jy sien, soos "melk 12". Sê KLAAR wanneer jy klaar is.
count-resumed = 📋 Jy is besig om te tel: { $amount } tot nou toe. Gaan aan, en sê KLAAR wanneer jy klaar is.
count-written = ✅ { $lines } · { $amount } getel
count-all-right = 📋 { $amount } getel, alles soos die boek sê.
count-differs = 📋 { $amount } getel, { $differing } nie soos die boek sê nie:
count-difference = { $item }: { $counted }, boek { $expected } ({ $difference })
count-more = en nog { $amount }
count-uncounted = Nie getel nie, bly dus soos dit is: { $items }
count-really-save = ❓ Stoor hierdie telling?
button-save-count = Ja, stoor
button-go-on = Tel verder
button-throw-away = Gooi weg
count-saved = ✅ Telling gestoor: { $amount } getel, { $changed } verander
count-really-cancel = ❓ Gooi hierdie telling weg? Wat jy getel het is dan weg, en die voorraad bly soos dit was.
count-cancelled = 🗑️ Telling weggegooi. Die voorraad bly soos dit was.
count-go-on = 📋 Gaan aan. Sê KLAAR wanneer jy klaar is.
count-nothing-yet = 📋 Niks is nog getel nie. Stuur wat jy sien, soos "melk 12".
count-missing = 📋 { $amount } nog nie getel nie: { $items }
count-none-missing = 📋 Alles waarvan die boek weet is getel. Sê KLAAR wanneer jy klaar is.
count-none = Jy is nie nou besig om te tel nie. Om te begin, stuur "tel voorraad".
count-skip = 👍 Wat jy nie tel nie, bly soos dit is.
count-blind = 📋 Jy is besig om te tel, dus kom wat die boek sê aan die einde. Sê KLAAR wanneer jy klaar is.
count-send-again = 📋 Jy is besig om te tel: stuur die regte getal en dit neem die plek van die ou een. Om iets anders te verander, sê eers KLAAR.
count-expired = ⌛ Jou telling is laat vaar: niemand het vir 12 uur aangegaan nie. Niks het verander nie. Om weer te begin, stuur "tel voorraad".
count-over = 📋 Daardie telling is verby. Om weer te begin, stuur "tel voorraad".
count-full = ⚠️ Nie neergeskryf nie: dit is meer as wat een telling kan hou. Sê KLAAR om te stoor wat jy het.
