#' Rows in Parquet files
#'
#' Reads files a piece at a time, so that only one piece is in memory: `data = parquet_chunks(files)` in [glmpp()]. With
#' package \pkg{arrow} a piece is a row group; with \pkg{nanoparquet}, which is smaller but reads whole files,
#' it is a file. Only the columns of the model are read.
#'
#' Formulas may say what [far_terms] lists, with medians, quantiles and `poly()`. Rows are counted over all files, for `subset = 1:100`.
#' Files may lack levels that others have, as long as the order of all can be known from them; a column must have one type in all.
#'
#' @param files Names of files, which must have the same columns. For the files of a folder:
#'   `list.files("folder", "[.]parquet$", full.names = TRUE)`.
#' @param cache Should the first pass write the columns of the model to a temporary file, for the passes after it to read?
#'   That is quicker than unpacking the files each time. See [csv_chunks()].
#' @returns An object of class `c("glmpp_parquet", "glmpp_source")` for the argument `data` of [glmpp()], for
#'   `newdata` of [predict()][predict.glmpp_remote], and for the expression of [on_cluster()]. An error of class
#'   `glmpp_error_parts` names a file that can't be read.
#' @seealso [far_terms] for what is accepted and what is not.
#' @examplesIf requireNamespace("nanoparquet", quietly = TRUE)
#' file <- tempfile(fileext = ".parquet")
#' nanoparquet::write_parquet(mtcars, file)
#' glmpp(am ~ wt, binomial, data = parquet_chunks(file))
#' @concept out of memory
#' @concept parquet
#' @concept arrow
#' @export
parquet_chunks <- function(files, cache = TRUE) {
  check_files(files)
  check_flag(cache, "cache")
  reader <- Filter(function(package) requireNamespace(package, quietly = TRUE), c("arrow", "nanoparquet"))[1]
  if (is.na(reader)) {
    stop_glmpp("package", "Parquet files are read by package arrow or nanoparquet, and neither is installed.",
               i = "`install.packages(\"nanoparquet\")` is quick.")
  }
  structure(list(files = files, reader = reader, cache = cache), class = c("glmpp_parquet", "glmpp_source"))
}

#' @export
print.glmpp_parquet <- function(x, ...) {
  cat(sprintf("Rows in %s, read by %s: %s\n", plural(length(x$files), "Parquet file"), x$reader, comma(basename(x$files), 3)))
  invisible(x)
}

#' @export
open_reader.glmpp_parquet <- function(source, columns) {
  file <- 0L
  pieces <- NULL
  piece <- 0L
  next_part <- function() {
    while (is.null(pieces) || piece == pieces$count) {
      if (file == length(source$files)) return(NULL)
      file <<- file + 1L
      piece <<- 0L
      path <- source$files[file]
      open <- if (source$reader == "arrow") open_arrow else open_nanoparquet
      pieces <<- read_or_name(open(path, columns), sprintf("file %s", dQuote(path, FALSE)))
    }
    piece <<- piece + 1L
    label <- sprintf("%s %d of file %s", pieces$noun, piece, dQuote(source$files[file], FALSE))
    part <- read_or_name(pieces$read(piece), label)
    structure(as.data.frame(part), label = label)
  }
  list(next_part = next_part, close = function() pieces <<- NULL)
}

read_or_name <- function(value, label) {
  tryCatch(value, error = function(error) {
    stop_glmpp("parts", sprintf("The rows of %s can't be read.", label), x = conditionMessage(error))
  })
}

# A file as numbered pieces.
open_nanoparquet <- function(path, columns) {
  known <- nanoparquet::read_parquet_schema(path)$name
  selected <- if (is.null(columns)) NULL else intersect(columns, known)
  list(count = 1L, noun = "piece", read = function(piece) nanoparquet::read_parquet(path, col_select = selected))
}

open_arrow <- function(path, columns) {
  reader <- arrow::ParquetFileReader$create(path)
  known <- names(reader$GetSchema())
  selected <- if (is.null(columns)) seq_along(known) else which(known %in% columns)
  list(count = reader$num_row_groups, noun = "row group",
       read = function(piece) as.data.frame(reader$ReadRowGroup(piece - 1L, selected - 1L)))
}
