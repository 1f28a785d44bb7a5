### Voice notes, photos, documents, and the papers that were read from them. The arguments are explained in en/files.ftl.
### "save all", "fix", "cancel" and "remove" stand in English: these words are what is understood in answer.

## Files that cannot be read: each says that nothing changed

# REVIEW
no-voice = 🎤 Ha ke eso kgone ho mamela melaetsa ya lentswe. Ha ho letho le fetohileng. Ke kopa o ngole, tjena: "ke rekisitse mahobe a 3"
# REVIEW
no-photo = Ha ke eso kgone ho bala ditshwantsho. Ha ho letho le fetohileng. Ke kopa o ngole, tjena: "eketsa 20 lebese"
# REVIEW
no-document = Ha ke eso kgone ho bala tokomane ya mofuta ona. Ha ho letho le fetohileng. Tafole ya CSV kapa Excel e nang le dikholomo Item le Qty e a sebetsa.
# REVIEW
voice-busy = ⚠️ Ha ke kgone ho mamela hona jwale. Ha ho letho le fetohileng. Ke kopa o ngole, kapa o e romele hape hamorao.
# REVIEW
file-busy = ⚠️ Ha ke kgone ho e bala hona jwale. Ha ho letho le fetohileng. Ke kopa o ngole, kapa o e romele hape hamorao.
# REVIEW
voice-unclear = ❓ Ha ke a utlwa hantle. Ha ho letho le fetohileng. E bue hape, kapa o ngole tjena: "ke rekisitse mahobe a 3"
# REVIEW
file-unclear = ❓ Ke sitilwe ho bala seo. Ha ho letho le fetohileng. Setshwantsho se hlakileng, se otlolohileng sa pampiri yohle se sebetsa hantle, kapa o ngole.
# REVIEW
voice-empty = 🎤 Ha ke a utlwa letho. Ha ho letho le fetohileng. E bue hape, kapa o ngole tjena: "ke rekisitse mahobe a 3"
# REVIEW
photo-empty = Ha ke bone setoko setshwantshong seo. Ha ho letho le fetohileng.
# REVIEW
document-empty = Ha ke bone setoko tokomaneng eo. Ha ho letho le fetohileng.
# REVIEW
file-gone = ⚠️ WhatsApp ha e sa na le faele eo. Ha ho letho le fetohileng. Ke kopa o e romele hape.
# REVIEW
file-too-large = ⚠️ E kgolo haholo: e se fete { $mebibytes } MB. Ha ho letho le fetohileng. Romela e kgutshwane kapa e nyane.
# REVIEW
file-unknown = ❓ Ha ke kgone ho bala faele ya mofuta oo. Ha ho letho le fetohileng. Ke bala melaetsa ya lentswe, ditshwantsho, PDF, CSV le Excel (xlsx).
# REVIEW
too-many-lines = ❓ E na le mela e mengata ho feta eo nka o bontshang yona: e 60. Ha ho letho le fetohileng. E romele ka dikarolo.

## Fixing a paper

# REVIEW
how-to-fix =
    Ke eng e lokelang ho fetoha? Mohlala
    "2: 12" nomoro ya mola 2
    "2 is milk" ntho ya mola 2
    "remove 3"
# REVIEW
no-such-line = ❓ Ha ho mola o jwalo: ke e { $amount }. Ha ho letho le fetohileng.
# REVIEW
no-line-left = 👍 Ha ho sa na mola. Ha ho letho le fetohileng.
# REVIEW
answer-in-words = Romela "save all", "fix" kapa "cancel"

## A paper

# REVIEW
not-saved-yet = ❓ Ha e eso bolokwe:
# REVIEW
paper-booked = ⚠️ Pampiri ena{ $number } e se e ngotswe e le #{ $reference }. Ha ho letho le kentsweng.
# REVIEW
paper-booked-on = ⚠️ Pampiri ena{ $number } e se e ngotswe e le #{ $reference } ka la { $day } { $month }. Ha ho letho le kentsweng.
# REVIEW
month =
    { $count ->
        [1] Pherekgong
        [2] Hlakola
        [3] Hlakubele
        [4] Mmesa
        [5] Motsheanong
        [6] Phupjane
        [7] Phupu
        [8] Phato
        [9] Lwetse
        [10] Mphalane
        [11] Pudungwana
       *[12] Tshitwe
    }
# REVIEW
line-count =
    { $count ->
        [one] mola o { $amount }
       *[other] mela e { $amount }
    }
# REVIEW
could-not-read = ❓ { $amount } ke sitilwe ho e bala: e kenye ka letsoho
# REVIEW
mismatch = ⚠️ Mela e kopana ho { $sum }, pampiri e re { $total }
# REVIEW
came-in = Di kene
# REVIEW
was-sold = Di rekisitswe
# REVIEW
came-back = Di kgutletse
# REVIEW
taken-off = Di tlositswe
# REVIEW
was-counted = Di badilwe
# REVIEW
all-of-it = kaofela
# REVIEW
line-missing = ha e yo setokong sa hao
# REVIEW
line-unit = tse kae ka ho e le nngwe?
# REVIEW
line-fraction = tse feletseng feela
