#' Rows in files of comma-separated values
#'
#' Reads files a chunk at a time, so that only one chunk is in memory: `data = csv_chunks(files)` in [glmpp()]. Chunks
#' are cut from the file by a base connection (compressed files too) and parsed by [data.table::fread()] where
#' that package is installed, else by [utils::read.table()]; only the columns of the model are kept.
#'
#' A column's type is fixed by the first chunk: numbers, logical, text, dates (`2024-05-31`) or times (`2024-05-31 12:30:00`, read
#' as UTC). A later chunk that disagrees stops the fit by an error of class `glmpp_error_parts` that names file, chunk and
#' column. Rows have numbers, counted over all files, for `subset = 1:100`.
#'
#' Formulas may say what [far_terms] lists, with medians, quantiles and `poly()`. There are no factors in the files: text is sorted,
#' and a response of two texts must be told its failure first, as in `factor(status, levels = c("healthy", "case"))`.
#'
#' @param files Names of files, each with a line of column names; the columns may be in any order.
#' @param rows Number of rows in a chunk. The result is the same for any number, up to the last digits.
#' @param sep,dec The separator of columns and the decimal point, one character each.
#' @param na Text that stands for a missing value.
#' @param types For columns whose first chunk misleads, `"text"`, `"numeric"`, `"logical"`, `"date"` or `"datetime"`, named by
#'   column.
#' @param cache Should the first pass write the columns of the model to a temporary file in binary form, for the passes after
#'   it to read? Reading text would be most of the time of a fit. The file takes some 8 bytes for each number and 4 for each
#'   text in the folder of [tempdir()] as long as the fit lasts; where that has no room, a warning of class
#'   `glmpp_warning_cache` says so and every pass reads the text.
#' @param encoding Of the text in the files: `"UTF-8"`, or a name that [iconv()] knows, such as `"latin1"`. Text that is no
#'   valid UTF-8 is an error of class `glmpp_error_encoding` where UTF-8 is meant.
#' @returns An object of class `c("glmpp_csv", "glmpp_source")` for the argument `data` of [glmpp()], for
#'   `newdata` of [predict()][predict.glmpp_remote], and for the expression of [on_cluster()].
#' @seealso [far_terms] for what is accepted and what is not.
#' @examples
#' file <- tempfile(fileext = ".csv")
#' write.csv(mtcars, file, row.names = FALSE)
#' glmpp(am ~ wt, binomial, data = csv_chunks(file, rows = 10))
#' @concept out of memory
#' @concept CSV
#' @export
csv_chunks <- function(files, rows = 1e5, sep = ",", dec = ".", na = c("NA", ""), types = NULL, cache = TRUE,
                       encoding = "UTF-8") {
  check_files(files)
  check_count(rows, "rows")
  check_flag(cache, "cache")
  check_encoding(encoding)
  known <- c("text", "numeric", "logical", "date", "datetime")
  if (!all(types %in% known) || (length(types) && is.null(names(types)))) {
    stop_glmpp("argument", "`types` must name columns and give each a type.", i = sprintf("Types: %s.", comma(dQuote(known, FALSE))))
  }
  structure(list(files = files, rows = rows, sep = sep, dec = dec, na = na, types = types, cache = cache,
                 encoding = encoding),
            class = c("glmpp_csv", "glmpp_source"))
}

check_files <- function(files) {
  if (!is.character(files) || !length(files)) {
    stop_glmpp("argument", "`files` must be the names of files.",
               x = if (is.character(files) && !length(files)) "There is none: no file matches." else sprintf("It is %s.", describe_type(files)))
  }
  missing <- files[!file.exists(files)]
  if (length(missing)) {
    stop_glmpp("argument", "`files` must exist.", x = sprintf("Not found: %s.", comma(dQuote(missing, FALSE))),
               i = sprintf("The working directory is %s.", getwd()))
  }
  folders <- files[dir.exists(files)]
  if (length(folders)) {
    stop_glmpp("argument", "`files` must be files.", x = sprintf("%s is a folder.", dQuote(folders[1], FALSE)),
               i = sprintf("Its files: `list.files(%s, full.names = TRUE)`.", dQuote(folders[1], FALSE)))
  }
}

#' @export
print.glmpp_csv <- function(x, ...) {
  cat(sprintf("Rows in chunks of %s from %s: %s\n", format(x$rows, big.mark = ","), plural(length(x$files), "file"),
              comma(basename(x$files), 3)))
  invisible(x)
}

#' @export
open_reader.glmpp_csv <- function(source, columns) {
  state <- new.env(parent = emptyenv())
  state$file <- 0L
  state$types <- source$types
  list(
    next_part = function() {
      repeat {
        if (is.null(state$connection) && !open_next_file(source, state, columns)) return(NULL)
        block <- next_records(state, source$rows)
        if (!is.null(block)) break
        close_file(state)
      }
      state$chunk <- state$chunk + 1L
      label <- sprintf("chunk %d of file %s", state$chunk, dQuote(source$files[state$file], FALSE))
      part <- settle_types(parse_records(block, source, state, label), source, state, label, block$has_quotes)
      structure(part, label = label)
    },
    close = function() close_file(state)
  )
}

close_file <- function(state) {
  if (!is.null(state$connection)) close(state$connection)
  state$connection <- NULL
}

open_next_file <- function(source, state, columns) {
  if (state$file == length(source$files)) return(FALSE)
  state$file <- state$file + 1L
  state$chunk <- 0L
  path <- source$files[state$file]
  state$connection <- open_bytes(path)
  state$rest <- raw()
  state$row_bytes <- 100
  header <- next_records(state, 1)
  state$names <- if (is.null(header)) character() else header_names(header, source)
  if (is.null(columns)) columns <- state$names
  # Names that are no columns belong to the formula's environment, if every file lacks them.
  state$columns <- state$columns %||% intersect(columns, state$names)
  absent <- setdiff(state$columns, state$names)
  if (length(absent)) {
    stop_glmpp("parts", sprintf("File %s has no column `%s`.", dQuote(path, FALSE), absent[1]),
               x = sprintf("Its columns are %s.", comma(state$names)),
               i = sprintf("File %s has it.", dQuote(source$files[1], FALSE)))
  }
  TRUE
}

header_names <- function(header, source) {
  text <- read_encoding(sub("^\xef\xbb\xbf", "", header$text, useBytes = TRUE), source, "the line of column names")
  scan(text = text, what = "", sep = source$sep, quote = "\"", quiet = TRUE, nlines = 1, strip.white = TRUE)
}

# The next `rows` records as one string, and how many they are; NULL at the end of the file.
next_records <- function(state, rows) {
  repeat {
    found <- record_end_impl(state$rest, rows)
    if (found[["rows"]] >= rows) break
    more <- readBin(state$connection, "raw", max(65536, ceiling((rows - found[["rows"]]) * state$row_bytes)))
    if (!length(more)) break
    state$rest <- join_bytes_impl(state$rest, more)
  }
  if (found[["rows"]] < rows) {
    # The last line break of a file may be missing.
    state$rest <- join_bytes_impl(state$rest, charToRaw("\n"))
    found <- record_end_impl(state$rest, rows)
    if (found[["rows"]] == 0) return(NULL)
  }
  state$row_bytes <- 1.02 * found[["end"]] / found[["rows"]]
  cut <- cut_text_impl(state$rest, found[["end"]])
  state$rest <- cut$rest
  list(text = cut$text, count = found[["rows"]], has_quotes = cut$has_quotes)
}

# Base R reads compressed files by gzfile(), plain ones faster by file().
open_bytes <- function(path) {
  first <- readBin(path, "raw", 4)
  marks <- list(as.raw(c(0x1f, 0x8b)), charToRaw("BZh"), as.raw(c(0xfd, 0x37, 0x7a, 0x58)))
  is_compressed <- any(vapply(marks, function(mark) identical(utils::head(first, length(mark)), mark), NA))
  if (is_compressed) gzfile(path, "rb") else file(path, "rb", raw = TRUE)
}

parse_records <- function(block, source, state, label) {
  selected <- match(state$columns, state$names)
  order <- order(selected)
  text_columns <- state$names %in% names(state$types)[state$types == "text"]
  parse <- if (requireNamespace("data.table", quietly = TRUE)) parse_by_fread else parse_by_read_table
  refuse <- function(condition) {
    stop_glmpp("parts", sprintf("The records of %s can't be read.", label), x = conditionMessage(condition))
  }
  text <- read_encoding(block$text, source, label)
  part <- tryCatch(parse(text, source, state$names, selected[order], which(text_columns)),
                   error = refuse, warning = refuse)
  if (nrow(part) != block$count) {
    stop_glmpp("parts", sprintf("The records of %s can't be read.", label),
               x = sprintf("%s of its %s have the %s of the header.", format(nrow(part)), plural(block$count, "record"),
                           plural(length(state$names), "column")),
               i = "Is a value with the separator in it not quoted?")
  }
  names(part) <- state$columns[order]
  part
}

parse_by_fread <- function(text, source, names, selected, text_columns) {
  data.table::fread(input = text, sep = source$sep, dec = source$dec, na.strings = source$na, header = FALSE,
                    select = if (length(selected)) selected else 1L, colClasses = list(character = intersect(text_columns, selected)),
                    data.table = FALSE, showProgress = FALSE, integer64 = "double", nThread = thread_count(NULL),
                    logical01 = FALSE, fill = FALSE, blank.lines.skip = TRUE, strip.white = TRUE)
}

parse_by_read_table <- function(text, source, names, selected, text_columns) {
  classes <- rep("NULL", length(names))
  classes[if (length(selected)) selected else 1L] <- NA
  classes[intersect(text_columns, selected)] <- "character"
  utils::read.table(text = text, sep = source$sep, dec = source$dec, na.strings = source$na, quote = "\"",
                    comment.char = "", colClasses = classes, stringsAsFactors = FALSE, strip.white = TRUE)
}

# The first chunk that has values fixes a column's type.
settle_types <- function(part, source, state, label, has_quotes) {
  for (name in names(part)) {
    fixed <- if (name %in% names(state$types)) state$types[[name]]
    if (has_quotes && is.character(part[[name]])) part[[name]] <- unquote_missing(part[[name]], fixed, source)
    part[[name]] <- read_dates(part[[name]], fixed)
    found <- type_of_column(part[[name]])
    if (is.null(fixed)) {
      if (found != "missing") state$types[[name]] <- found
    } else if (found == "missing") {
      part[[name]] <- missing_of_type(fixed)[rep(1L, nrow(part))]
    } else if (found != fixed) {
      stop_type_change(part[[name]], name, fixed, found, label)
    }
  }
  part
}

# fread() takes a quoted "NA" for text.
unquote_missing <- function(text, fixed, source) {
  missing <- text %in% source$na
  if (!any(missing)) return(text)
  text[missing] <- NA
  if (identical(fixed, "text")) text else utils::type.convert(text, na.strings = character(), as.is = TRUE, dec = source$dec)
}

type_of_column <- function(column) {
  if (is.logical(column) && all(is.na(column))) "missing"
  else if (is.numeric(column)) "numeric"
  else if (is.logical(column)) "logical"
  else if (inherits(column, "Date")) "date"
  else if (inherits(column, "POSIXct")) "datetime"
  else "text"
}

stop_type_change <- function(column, name, fixed, found, label) {
  values <- as.character(column[!is.na(column)])
  strange <- if (fixed == "numeric" && found == "text") values[is.na(suppressWarnings(as.numeric(values)))] else values
  stop_glmpp("parts", sprintf("Column `%s` must be of one type everywhere.", name),
             x = sprintf("It is %s in %s, such as %s; it was %s before.", found, label, dQuote(strange[1], FALSE), fixed),
             i = sprintf("If that means a missing value, add it to `na`; else say `types = c(%s = \"text\")`.", name))
}
