# Text of CSV files: its encoding, and the dates in it.

check_encoding <- function(encoding) {
  is_known <- is.character(encoding) && length(encoding) == 1 && !is.na(encoding) &&
    !inherits(try(iconv("a", encoding, "UTF-8"), silent = TRUE), "try-error")
  if (!is_known) {
    stop_glmpp("argument", "`encoding` must be the name of an encoding.", x = sprintf("It is %s.", value_text(encoding)),
               i = "Write \"UTF-8\" or \"latin1\"; `iconvlist()` names all that are known here.")
  }
  if (grepl("^(utf|ucs)[-_]?(16|32|2|4)", encoding, ignore.case = TRUE)) {
    stop_glmpp("argument", "`encoding` must be one whose line breaks and separators are single bytes.",
               x = sprintf("It is %s.", dQuote(encoding, FALSE)), i = "Convert the file to UTF-8 first.")
  }
}

read_encoding <- function(text, source, label) {
  if (toupper(source$encoding) %in% c("UTF-8", "UTF8")) {
    if (!validUTF8(text)) stop_encoding(label, "Its bytes are no valid UTF-8.")
    return(text)
  }
  converted <- iconv(text, source$encoding, "UTF-8")
  if (is.na(converted)) stop_encoding(label, sprintf("Its bytes are not valid in %s.", dQuote(source$encoding, FALSE)))
  converted
}

stop_encoding <- function(label, found) {
  stop_glmpp("encoding", sprintf("The text of %s can't be read.", label), x = found,
             i = "Say what it is written in: `csv_chunks(files, encoding = \"latin1\")` is usual for files from older programs.")
}

# Dates as data.table::fread() knows them, also where base R has read text.
read_dates <- function(column, fixed) {
  if (identical(fixed, "text")) return(if (is.character(column) || is.logical(column)) column else as.character(column))
  if (inherits(column, "Date")) return(as_plain_date(column))
  if (inherits(column, "POSIXct")) return(.POSIXct(as.double(column), "UTC"))
  if (!is.character(column) || !is.null(fixed) && !fixed %in% c("date", "datetime")) return(column)
  known <- column[!is.na(column)]
  if (length(known) && all(grepl(date_pattern, known))) {
    dates <- as.Date(column, format = "%Y-%m-%d", optional = TRUE)
    if (!anyNA(dates[!is.na(column)])) return(as_plain_date(dates))
  } else if (length(known) && all(grepl(time_pattern, known))) {
    times <- as.POSIXct(sub("Z$", "", sub("T", " ", column)), tz = "UTC", format = "%Y-%m-%d %H:%M:%OS", optional = TRUE)
    if (!anyNA(times[!is.na(column)])) return(.POSIXct(as.double(times), "UTC"))
  }
  column
}

date_pattern <- "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
time_pattern <- "^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?Z?$"

as_plain_date <- function(dates) structure(as.double(dates), class = "Date")

missing_of_type <- function(type) {
  switch(type, text = NA_character_, numeric = NA_real_, date = as_plain_date(NA_real_), datetime = .POSIXct(NA_real_, "UTC"), NA)
}
