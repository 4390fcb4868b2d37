# Checks that the folders of src/ keep their order.
#
#   Rscript .ci/layers.R [SRC]
#
# A file below SRC includes no header of R or Rcpp, and only files of its own
# layer or a lower one; Makevars' OBJECTS names exactly the sources there are.

layers <- list(
  c("parallel", "linalg"),
  c("design", "family"),
  "objective",
  "solver"
)
rank_of <- setNames(rep(seq_along(layers), lengths(layers)), unlist(layers))

r_header <- "^(R|Rinternals|Rmath|Rdefines|Rversion|Rconfig|Rembedded|Rinterface|Rcpp.*)\\.h$|^(R_ext|Rcpp.*)/"
source_file <- "\\.(c|cc|cpp)$"
any_file <- "\\.(c|cc|cpp|h|hpp|hh|inc|inl|ipp|tpp)$"

find_violations <- function(src) {
  files <- list.files(src, any_file, recursive = TRUE)
  below <- files[grepl("/", files, fixed = TRUE)]
  makevars <- union("Makevars", list.files(src, "^Makevars\\.(win|ucrt|in)$"))
  c(
    unlist(lapply(below, include_violations, src = src)),
    unlist(lapply(makevars, object_violations, src = src,
                  sources = grep(source_file, files, value = TRUE)))
  )
}

include_violations <- function(file, src) {
  folder <- first_folder(file)
  if (!folder %in% names(rank_of)) {
    return(violation(src, file, 1L, "folder '", folder, "' belongs to no layer"))
  }
  lines <- readLines(file.path(src, file), warn = FALSE)
  pattern <- "^[[:space:]]*#[[:space:]]*include[[:space:]]*([<\"])([^>\"]+)[>\"].*"
  unlist(lapply(grep(pattern, lines), function(i) {
    is_quoted <- sub(pattern, "\\1", lines[i]) == "\""
    reason <- refuse_include(sub(pattern, "\\2", lines[i]), is_quoted, file, src)
    if (!is.null(reason)) violation(src, file, i, reason)
  }))
}

# Why `file` may not include `header`; NULL if it may.
refuse_include <- function(header, is_quoted, file, src) {
  if (grepl(r_header, header)) return(paste0("includes '", header, "', a header of R"))
  target <- if (grepl("^\\.\\.?/|^[^/]+$", header)) {
    resolve(file.path(dirname(file), header))
  } else {
    header
  }
  # A header of the system or of Eigen.
  if (!is_quoted && !first_folder(target) %in% names(rank_of)) return(NULL)
  if (!is_quoted && !grepl("/", header, fixed = TRUE)) return(NULL)
  if (!file.exists(file.path(src, target))) {
    return(paste0("includes '", header, "', but src/ has no '", target, "'"))
  }
  if (!grepl("/", target, fixed = TRUE)) {
    return(paste0("includes '", header, "' from the top of src/"))
  }
  own <- first_folder(file)
  other <- first_folder(target)
  if (!other %in% names(rank_of)) {
    paste0("includes '", header, "' from '", other, "', which belongs to no layer")
  } else if (rank_of[[other]] > rank_of[[own]]) {
    paste0("'", own, "' includes '", header, "' from the higher layer of '", other, "'")
  }
}

# OBJECTS against the sources -----------------------------------------------------

object_violations <- function(makevars, src, sources) {
  path <- file.path(src, makevars)
  if (!file.exists(path)) return(violation(src, makevars, 1L, "there is no such file"))
  lines <- logical_lines(path)
  # Without OBJECTS, R compiles the top of src/ only.
  if (!any(grepl("^OBJECTS[[:space:]]*[:+]?=", lines$text))) {
    sources <- sources[grepl("/", sources, fixed = TRUE)]
  }
  objects <- words_of("OBJECTS", lines)
  at <- vapply(objects, line_naming, 1L, lines = lines)
  is_unread <- grepl("$", objects, fixed = TRUE)
  stem <- sub("\\.o$", "", objects)
  has_source <- stem %in% sub(source_file, "", sources)
  unlisted <- setdiff(sub(source_file, "", sources), stem)
  c(
    violation(src, makevars, at[is_unread], "can't read '", objects[is_unread],
              "' in OBJECTS: name the objects one by one"),
    violation(src, makevars, at[!is_unread & !has_source], "OBJECTS names '",
              objects[!is_unread & !has_source], "', which has no source"),
    violation(src, makevars, at[duplicated(objects)], "OBJECTS names '",
              objects[duplicated(objects)], "' twice"),
    violation(src, sources[match(unlisted, sub(source_file, "", sources))], 1L,
              "is not in OBJECTS of ", makevars)
  )
}

# The lines of a makefile without comments, continuations joined;
# `number` is the line on which each begins.
logical_lines <- function(path) {
  text <- sub("#.*", "", readLines(path, warn = FALSE))
  number <- seq_along(text)
  continues <- c(FALSE, grepl("\\\\[[:space:]]*$", text)[-length(text)])
  group <- cumsum(!continues)
  text <- sub("\\\\[[:space:]]*$", " ", text)
  list(
    text = vapply(split(text, group), paste, "", collapse = " ", USE.NAMES = FALSE),
    number = unname(tapply(number, group, min)),
    physical = text
  )
}

# The words a variable stands for, other variables of the same file put in.
words_of <- function(variable, lines, depth = 10L) {
  pattern <- paste0("^", variable, "[[:space:]]*[:+?]?=(.*)$")
  value <- sub(pattern, "\\1", grep(pattern, lines$text, value = TRUE))
  # Keeps `$(function $(with) arguments)` in one piece.
  word_pattern <- "\\$(\\((?:[^()]|(?1))*\\))|[^[:space:]]+"
  words <- unlist(regmatches(value, gregexpr(word_pattern, value, perl = TRUE)))
  reference <- "^\\$[({]([[:alnum:]_.]+)[)}]$"
  unlist(lapply(words, function(word) {
    name <- sub(reference, "\\1", word)
    is_known <- grepl(reference, word) && depth > 0L &&
      any(grepl(paste0("^", name, "[[:space:]]*[:+?]?="), lines$text))
    if (is_known) words_of(name, lines, depth - 1L) else word
  }))
}

line_naming <- function(word, lines) {
  found <- grep(word, lines$physical, fixed = TRUE)
  if (length(found) > 0L) found[1L] else 1L
}

# Paths and words ------------------------------------------------------------------

first_folder <- function(path) sub("/.*", "", path)

# Removes `.` and `..` from a relative path.
resolve <- function(path) {
  kept <- character()
  for (part in strsplit(path, "/", fixed = TRUE)[[1L]]) {
    if (part == ".." && length(kept) > 0L) kept <- kept[-length(kept)]
    else if (part != ".") kept <- c(kept, part)
  }
  paste(kept, collapse = "/")
}

violation <- function(src, file, line, ...) {
  reason <- paste0(...)
  if (length(line) == 0L || length(file) == 0L) return(character())
  paste0(file.path(src, file), ":", line, ": ", reason)
}

main <- function(src) {
  if (!dir.exists(src)) stop("There is no folder '", src, "'.", call. = FALSE)
  violations <- find_violations(src)
  if (length(violations) > 0L) {
    writeLines(violations)
    quit(save = "no", status = 1L)
  }
  cat("Layers of ", src, " are in order: ",
      length(list.files(src, any_file, recursive = TRUE)), " files.\n", sep = "")
}

if (sys.nframe() == 0L) {
  arguments <- commandArgs(trailingOnly = TRUE)
  main(if (length(arguments) > 0L) arguments[[1L]] else "src")
}
