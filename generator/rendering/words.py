"""The fixed words of sheets, solutions and forms, in each language that an assignment may choose.

Plain text; `{...}` in a word is filled in by `str.format`, with the same names in every language.
What exercises ask and explain stays in English, with decimal points.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from generator.model.form import EXACT, EXPANDED, FRACTION, LOWEST, NO_SLOPES, SINGLE, Form


@dataclass(frozen=True)
class FormWords:
    """The words in the comments of an answer form."""

    title: str
    numbers: str
    vectors: str
    matrices: str
    sizes: str
    choices: str
    orders: str
    formulas: str
    size_of_vector: str  # {example}
    how_to_choose: str  # {example}
    how_to_order: str  # {example}
    ending: str  # {command}
    expects: str
    expected: str  # {what}: one of those below
    whole_number: str
    number: str
    number_or_rounded: str  # {precision}: decimals or figures
    vector: str  # {example}
    matrix: str  # {example}
    one_of: str  # {options}
    all_that_apply: str  # {options}
    right_order: str  # {options}
    a_right_order: str  # {options}
    arrows: str  # {example}
    arrows_between: str  # {nodes} and {example}
    formula: str
    formula_in: str  # {names}
    size: str  # {example}
    interval: str  # {example}
    set_of_numbers: str  # {example}
    witness: str
    group: str
    each_entry: str  # {form}: how each is to be written
    also: str  # {first} and {second}: forms
    written_with: str  # {digits}: decimals or figures
    one_decimal: str  # {count}
    decimals: str  # {count}
    one_figure: str  # {count}
    figures: str  # {count}
    any_size: str
    any_vector: str
    vector_of_one: str
    vector_of: str  # {count}
    matrix_of: str  # {rows} and {columns}
    asked: Mapping[str, str]  # the forms of `generator.model.form` without digits


_DATED = re.compile(r"\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?)?")


@dataclass(frozen=True)
class Words:
    """The words of one language. `code` is its BCP 47 tag. Templates see them as `words`."""

    code: str
    student: str
    due: str
    date: str  # {day}, {month} and {year}
    first: str  # the first day of a month, as a number
    months: str  # the twelve names, with spaces between
    points: str
    sheet: str
    worksheet: str
    subject: str  # {kind}, the word for worksheet or solutions, and {sheet}, its id
    page: str  # {page}
    page_of: str  # {page} and {pages}
    decimal: str  # the sign in 2.5 points
    one_point: str  # {points}, here 1
    many_points: str  # {points}
    solutions: str
    solution: str
    slips: str
    answer: str
    one_answer: str
    answers: str
    entry: str
    how_to_answer: str  # {entry}, the name of a form's entry
    form: FormWords

    def counted_points(self, shown: str) -> str:
        """`1 point`, `2.5 points`."""
        # French counts in the plural from two on: 0 point, 1.5 point
        one = float(shown) < 2 if self.code == "fr" else shown == "1"
        return (self.one_point if one else self.many_points).format(points=self.number(shown))

    def number(self, shown: str) -> str:
        """A number of points as the language writes it: 2.5 or 2,5."""
        return shown.replace(".", self.decimal)

    def dated(self, text: str) -> str:
        """A date such as 2026-12-01, with a time or without, as the language writes it; any other
        text as it is.

        >>> LANGUAGES["de"].dated("2026-12-01 23:59:00"), LANGUAGES["de"].dated("next week")
        ('1. Dezember 2026, 23:59', 'next week')
        >>> LANGUAGES["en"].dated("2026-12-01T23:59:59+01:00")
        '1 December 2026, 23:59:59 UTC+01:00'
        """
        if not _DATED.fullmatch(text):
            return text
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:  # the 31st of June
            return text
        day = self.first if moment.day == 1 else str(moment.day)
        month = self.months.split()[moment.month - 1]
        date = self.date.format(day=day, month=month, year=moment.year)
        if len(text) == 10:
            return date
        hour = f"{moment:%H:%M:%S}".removesuffix(":00")
        return f"{date}, {hour} {moment.tzname() or ''}".rstrip()


LANGUAGES = {
    "en": Words(
        code="en",
        student="Student",
        due="Due",
        date="{day} {month} {year}",
        first="1",
        months="January February March April May June July August September October November "
        "December",
        points="Points",
        sheet="Sheet",
        worksheet="Worksheet",
        subject="{kind}, sheet {sheet}",
        page="page {page}",
        page_of="page {page} of {pages}",
        decimal=".",
        one_point="{points} point",
        many_points="{points} points",
        solutions="Solutions",
        solution="Solution.",
        slips="Common slips.",
        answer="Answer",
        one_answer="One answer",
        answers="Answers",
        entry="Entry",
        how_to_answer="Write your answers into the boxes, or type them into the form that came "
        "with this sheet: each box bears the name of its entry there, such as {entry}.",
        form=FormWords(
            title="Answer form. Write each answer between the quotes and leave everything else "
            "as it is.",
            numbers="numbers",
            vectors="vectors",
            matrices="matrices",
            sizes="sizes",
            choices="choices",
            orders="orders",
            formulas="formulas",
            size_of_vector="a vector of 3 numbers: {example}",
            how_to_choose="the letter or number in front of the option; several: {example}",
            how_to_order="all of them, first to last: {example}",
            ending='"{command}" shows how each answer is read. An answer left empty counts as '
            "not given.",
            expects="What each answer is read as; leave this as it is.",
            expected="Expected: {what}.",
            whole_number="a whole number",
            number="a number",
            number_or_rounded="a number, as in -1/8 or 0.125; exact, or to {precision} at least",
            vector="a vector, as in {example}",
            matrix="a matrix, as in {example}",
            one_of="one of {options}",
            all_that_apply="all that apply of {options}",
            right_order="all of {options} in the right order, with commas",
            a_right_order="all of {options} in a right order, with commas",
            arrows="arrows, as in {example}",
            arrows_between="arrows between {nodes}, as in {example}",
            formula="a formula",
            formula_in="a formula in {names}",
            size="a size, as in {example}; for a vector its number of entries",
            interval="an interval, as in {example}",
            set_of_numbers="a set of numbers, as in {example}",
            witness="any values that satisfy what is asked; there are many",
            group="one entry each",
            each_entry="each entry {form}",
            also="{first} and {second}",
            written_with="written with {digits}",
            one_decimal="{count} decimal",
            decimals="{count} decimals",
            one_figure="{count} significant figure",
            figures="{count} significant figures",
            any_size="any",
            any_vector="a vector, as long as you like",
            vector_of_one="a vector of 1 number",
            vector_of="a vector of {count} numbers",
            matrix_of="a matrix, {rows} x {columns}",
            asked={
                name: Form(name).asked
                for name in (FRACTION, LOWEST, EXACT, SINGLE, EXPANDED, NO_SLOPES)
            },
        ),
    ),
    "it": Words(
        code="it",
        student="Nome",
        due="Consegna entro",
        date="{day} {month} {year}",
        first="1º",
        months="gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre "
        "novembre dicembre",
        points="Punti",
        sheet="Foglio",
        worksheet="Foglio di esercizi",
        subject="{kind}, foglio {sheet}",
        page="pagina {page}",
        page_of="pagina {page} di {pages}",
        decimal=",",
        one_point="{points} punto",
        many_points="{points} punti",
        solutions="Soluzioni",
        solution="Soluzione.",
        slips="Errori frequenti.",
        answer="Risposta",
        one_answer="Una risposta possibile",
        answers="Risposte",
        entry="Voce",
        how_to_answer="Scrivere le risposte nei riquadri, oppure inserirle nel modulo che "
        "accompagna questo foglio: ogni riquadro porta il nome del campo corrispondente, per "
        "esempio {entry}.",
        form=FormWords(
            title="Modulo delle risposte. Scrivere ogni risposta tra le virgolette e lasciare "
            "invariato tutto il resto.",
            numbers="numeri",
            vectors="vettori",
            matrices="matrici",
            sizes="dimensioni",
            choices="scelte",
            orders="ordinamenti",
            formulas="formule",
            size_of_vector="un vettore di 3 numeri: {example}",
            how_to_choose="la lettera o il numero davanti all’opzione; più di una: {example}",
            how_to_order="tutte, dalla prima all’ultima: {example}",
            ending='"{command}" mostra come viene letta ogni risposta. I decimali si scrivono con '
            "il punto, non con la virgola: 0.125. Una risposta lasciata vuota vale come non data.",
            expects="Come viene letta ogni risposta; lasciare invariato.",
            expected="Si chiede: {what}.",
            whole_number="un numero intero",
            number="un numero",
            number_or_rounded="un numero, come -1/8 o 0.125; esatto, oppure con almeno {precision}",
            vector="un vettore, come {example}",
            matrix="una matrice, come {example}",
            one_of="una delle opzioni {options}",
            all_that_apply="tutte quelle giuste tra le opzioni {options}",
            right_order="tutte le opzioni {options} nell’ordine giusto, con virgole",
            a_right_order="tutte le opzioni {options} in un ordine giusto, con virgole",
            arrows="frecce, come {example}",
            arrows_between="frecce tra {nodes}, come {example}",
            formula="una formula",
            formula_in="una formula in {names}",
            size="le dimensioni, come {example}; per un vettore il numero dei suoi elementi",
            interval="un intervallo, come {example}",
            set_of_numbers="un insieme di numeri, come {example}",
            witness="valori qualsiasi che soddisfino la richiesta; ce ne sono molti",
            group="una risposta per ogni campo",
            each_entry="ogni elemento {form}",
            also="{first} e {second}",
            written_with="scritto con {digits}",
            one_decimal="{count} cifra decimale",
            decimals="{count} cifre decimali",
            one_figure="{count} cifra significativa",
            figures="{count} cifre significative",
            any_size="qualsiasi",
            any_vector="un vettore di lunghezza qualsiasi",
            vector_of_one="un vettore di 1 numero",
            vector_of="un vettore di {count} numeri",
            matrix_of="una matrice, {rows} x {columns}",
            asked={
                FRACTION: "un numero intero o una frazione ridotta ai minimi termini",
                LOWEST: "con le frazioni ridotte ai minimi termini",
                EXACT: "in forma esatta, senza cifre decimali",
                SINGLE: "come un’unica frazione",
                EXPANDED: "con tutti i prodotti svolti, senza prodotti di somme",
                NO_SLOPES: "con le derivate scritte per esteso, senza sigma' e simili",
            },
        ),
    ),
    "de": Words(
        code="de",
        student="Name",
        due="Abgabe",
        date="{day}. {month} {year}",
        first="1",
        months="Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
        points="Punkte",
        sheet="Blatt",
        worksheet="Übungsblatt",
        subject="{kind}, Blatt {sheet}",
        page="Seite {page}",
        page_of="Seite {page} von {pages}",
        decimal=",",
        one_point="{points} Punkt",
        many_points="{points} Punkte",
        solutions="Lösungen",
        solution="Lösung.",
        slips="Häufige Fehler.",
        answer="Antwort",
        one_answer="Eine mögliche Antwort",
        answers="Antworten",
        entry="Eintrag",
        how_to_answer="Schreiben Sie Ihre Antworten in die Kästen oder tragen Sie sie in das "
        "Formular ein, das zu diesem Blatt gehört: Über jedem Kasten steht der Name seines "
        "Feldes, zum Beispiel {entry}.",
        form=FormWords(
            title="Antwortformular. Schreiben Sie jede Antwort zwischen die Anführungszeichen und "
            "lassen Sie alles andere, wie es ist.",
            numbers="Zahlen",
            vectors="Vektoren",
            matrices="Matrizen",
            sizes="Formate",
            choices="Auswahl",
            orders="Reihenfolgen",
            formulas="Formeln",
            size_of_vector="ein Vektor aus 3 Zahlen: {example}",
            how_to_choose="der Buchstabe oder die Zahl vor der Option; mehrere: {example}",
            how_to_order="alle, von der ersten bis zur letzten: {example}",
            ending='"{command}" zeigt, wie jede Antwort gelesen wird. Dezimalzahlen haben einen '
            "Punkt, kein Komma: 0.125. Eine leere Antwort gilt als nicht gegeben.",
            expects="Als was jede Antwort gelesen wird; bitte unverändert lassen.",
            expected="Gefragt: {what}.",
            whole_number="eine ganze Zahl",
            number="eine Zahl",
            number_or_rounded="eine Zahl wie -1/8 oder 0.125; exakt oder auf mindestens "
            "{precision} genau",
            vector="ein Vektor wie {example}",
            matrix="eine Matrix wie {example}",
            one_of="eine der Optionen {options}",
            all_that_apply="alle zutreffenden der Optionen {options}",
            right_order="alle Optionen {options} in der richtigen Reihenfolge, mit Kommas",
            a_right_order="alle Optionen {options} in einer richtigen Reihenfolge, mit Kommas",
            arrows="Pfeile wie {example}",
            arrows_between="Pfeile zwischen {nodes} wie {example}",
            formula="eine Formel",
            formula_in="eine Formel in {names}",
            size="ein Format wie {example}; bei einem Vektor die Zahl seiner Einträge",
            interval="ein Intervall wie {example}",
            set_of_numbers="eine Menge von Zahlen wie {example}",
            witness="beliebige Werte, die das Verlangte erfüllen; es gibt viele",
            group="je Feld eine Antwort",
            each_entry="jeder Eintrag {form}",
            also="{first} und {second}",
            written_with="geschrieben mit {digits}",
            one_decimal="{count} Nachkommastelle",
            decimals="{count} Nachkommastellen",
            one_figure="{count} signifikante Stelle",
            figures="{count} signifikante Stellen",
            any_size="beliebig",
            any_vector="ein Vektor beliebiger Länge",
            vector_of_one="ein Vektor aus 1 Zahl",
            vector_of="ein Vektor aus {count} Zahlen",
            matrix_of="eine Matrix, {rows} x {columns}",
            asked={
                FRACTION: "eine ganze Zahl oder ein vollständig gekürzter Bruch",
                LOWEST: "mit vollständig gekürzten Brüchen",
                EXACT: "exakt, ohne Nachkommastellen",
                SINGLE: "als ein einziger Bruch",
                EXPANDED: "ausmultipliziert, ohne Produkte von Summen",
                NO_SLOPES: "mit ausgeschriebenen Ableitungen, ohne sigma' und dergleichen",
            },
        ),
    ),
    "fr": Words(  # with a no-break space before each colon and semicolon
        code="fr",
        student="Nom",
        due="À rendre",
        date="{day} {month} {year}",
        first="1er",
        months="janvier février mars avril mai juin juillet août septembre octobre novembre "
        "décembre",
        points="Points",
        sheet="Feuille",
        worksheet="Feuille d’exercices",
        subject="{kind}, feuille {sheet}",
        page="page {page}",
        page_of="page {page} sur {pages}",
        decimal=",",
        one_point="{points} point",
        many_points="{points} points",
        solutions="Corrigé",
        solution="Solution.",
        slips="Erreurs fréquentes.",
        answer="Réponse",
        one_answer="Une réponse possible",
        answers="Réponses",
        entry="Entrée",
        how_to_answer="Écrivez vos réponses dans les cadres ou saisissez-les dans le formulaire "
        "fourni avec cette feuille\u00a0: chaque cadre porte le nom du champ correspondant, "
        "par exemple {entry}.",
        form=FormWords(
            title="Formulaire de réponses. Écrivez chaque réponse entre les guillemets et laissez "
            "tout le reste tel quel.",
            numbers="nombres",
            vectors="vecteurs",
            matrices="matrices",
            sizes="tailles",
            choices="choix",
            orders="ordres",
            formulas="formules",
            size_of_vector="un vecteur de 3 nombres\u00a0: {example}",
            how_to_choose="la lettre ou le nombre devant l’option\u00a0; plusieurs\u00a0: "
            "{example}",
            how_to_order="toutes, de la première à la dernière\u00a0: {example}",
            ending='"{command}" montre comment chaque réponse est lue. Les décimales s’écrivent '
            "avec un point, et non avec une virgule\u00a0: 0.125. Une réponse laissée vide compte "
            "comme non donnée.",
            expects="Comment chaque réponse est lue\u00a0; à laisser tel quel.",
            expected="Attendu\u00a0: {what}.",
            whole_number="un nombre entier",
            number="un nombre",
            number_or_rounded="un nombre, comme -1/8 ou 0.125\u00a0; exact, ou avec au moins "
            "{precision}",
            vector="un vecteur, comme {example}",
            matrix="une matrice, comme {example}",
            one_of="l’une des options {options}",
            all_that_apply="toutes celles qui conviennent parmi {options}",
            right_order="toutes les options {options} dans le bon ordre, avec des virgules",
            a_right_order="toutes les options {options} dans un ordre correct, avec des virgules",
            arrows="des flèches, comme {example}",
            arrows_between="des flèches entre {nodes}, comme {example}",
            formula="une formule",
            formula_in="une formule en {names}",
            size="une taille, comme {example}\u00a0; pour un vecteur, son nombre de coefficients",
            interval="un intervalle, comme {example}",
            set_of_numbers="un ensemble de nombres, comme {example}",
            witness="des valeurs quelconques qui satisfont ce qui est demandé\u00a0; il y en a "
            "beaucoup",
            group="une réponse par champ",
            each_entry="chaque coefficient {form}",
            also="{first} et {second}",
            written_with="écrit avec {digits}",
            one_decimal="{count} décimale",
            decimals="{count} décimales",
            one_figure="{count} chiffre significatif",
            figures="{count} chiffres significatifs",
            any_size="quelconque",
            any_vector="un vecteur de longueur quelconque",
            vector_of_one="un vecteur de 1 nombre",
            vector_of="un vecteur de {count} nombres",
            matrix_of="une matrice, {rows} x {columns}",
            asked={
                FRACTION: "un nombre entier ou une fraction irréductible",
                LOWEST: "avec des fractions irréductibles",
                EXACT: "sous forme exacte, sans décimales",
                SINGLE: "sous forme d’une seule fraction",
                EXPANDED: "sous forme développée, sans produits de sommes",
                NO_SLOPES: "avec les dérivées explicitées, sans sigma' ni notation semblable",
            },
        ),
    ),
    "es": Words(
        code="es",
        student="Nombre",
        due="Entrega",
        date="{day} de {month} de {year}",
        first="1",
        months="enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre "
        "diciembre",
        points="Puntos",
        sheet="Hoja",
        worksheet="Hoja de ejercicios",
        subject="{kind}, hoja {sheet}",
        page="página {page}",
        page_of="página {page} de {pages}",
        decimal=",",
        one_point="{points} punto",
        many_points="{points} puntos",
        solutions="Soluciones",
        solution="Solución.",
        slips="Errores frecuentes.",
        answer="Respuesta",
        one_answer="Una respuesta posible",
        answers="Respuestas",
        entry="Entrada",
        how_to_answer="Escriba sus respuestas en los recuadros o introdúzcalas en el formulario "
        "que acompaña a esta hoja: cada recuadro lleva el nombre del campo correspondiente, "
        "por ejemplo {entry}.",
        form=FormWords(
            title="Formulario de respuestas. Escriba cada respuesta entre las comillas y deje todo "
            "lo demás como está.",
            numbers="números",
            vectors="vectores",
            matrices="matrices",
            sizes="tamaños",
            choices="opciones",
            orders="ordenaciones",
            formulas="fórmulas",
            size_of_vector="un vector de 3 números: {example}",
            how_to_choose="la letra o el número delante de la opción; varias: {example}",
            how_to_order="todas, de la primera a la última: {example}",
            ending='"{command}" muestra cómo se lee cada respuesta. Los decimales se escriben con '
            "punto, no con coma: 0.125. Una respuesta vacía cuenta como no dada.",
            expects="Cómo se lee cada respuesta; déjelo como está.",
            expected="Se pide: {what}.",
            whole_number="un número entero",
            number="un número",
            number_or_rounded="un número, como -1/8 o 0.125; exacto, o con al menos {precision}",
            vector="un vector, como {example}",
            matrix="una matriz, como {example}",
            one_of="una de las opciones {options}",
            all_that_apply="todas las correctas de las opciones {options}",
            right_order="todas las opciones {options} en el orden correcto, con comas",
            a_right_order="todas las opciones {options} en un orden correcto, con comas",
            arrows="flechas, como {example}",
            arrows_between="flechas entre {nodes}, como {example}",
            formula="una fórmula",
            formula_in="una fórmula en {names}",
            size="un tamaño, como {example}; para un vector, su número de componentes",
            interval="un intervalo, como {example}",
            set_of_numbers="un conjunto de números, como {example}",
            witness="valores cualesquiera que cumplan lo que se pide; hay muchos",
            group="una respuesta por campo",
            each_entry="cada elemento {form}",
            also="{first} y {second}",
            written_with="escrito con {digits}",
            one_decimal="{count} decimal",
            decimals="{count} decimales",
            one_figure="{count} cifra significativa",
            figures="{count} cifras significativas",
            any_size="cualquiera",
            any_vector="un vector de cualquier longitud",
            vector_of_one="un vector de 1 número",
            vector_of="un vector de {count} números",
            matrix_of="una matriz, {rows} x {columns}",
            asked={
                FRACTION: "un número entero o una fracción irreducible",
                LOWEST: "con fracciones irreducibles",
                EXACT: "en forma exacta, sin decimales",
                SINGLE: "como una sola fracción",
                EXPANDED: "con los productos desarrollados, sin productos de sumas",
                NO_SLOPES: "con las derivadas escritas por completo, sin sigma' ni similares",
            },
        ),
    ),
}
