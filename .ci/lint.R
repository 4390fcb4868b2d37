# Prints what lintr finds by the rules of .lintr and those below, and names of R/ that are given twice, of which the later file takes the
# earlier one's place without a word; anything found fails.
#
#   Rscript .ci/lint.R

# Rules that lintr has no words for: what is let pass, by linter.
let_pass <- list(
  # Methods are named after generics of others and classes with an underscore, glm()'s arguments and data sets as they are.
  object_name_linter = function(lint, name) {
    grepl("^\\.?[a-z][a-z0-9_.]*$", name) | grepl("[.]glmpp(_[a-z]+)?$", name) | grepl("attr\\(.*<-", lint$line) | grepl("^tests/", lint$filename)
  },
  # Words are not broken: a line is measured without them. A roxygen line ends where its sentence does.
  line_length_linter = function(lint, name) nchar(gsub("\"(\\\\.|[^\"\\\\])*\"|`[^`]*`", "", lint$line)) <= 140,
  # What the system itself names, and examples for readers.
  absolute_path_linter = function(lint, name) {
    grepl("\"/(proc|sys)/|/usr/lib/|mktemp", lint$line) | grepl("^vignettes/", lint$filename)
  }
)

is_let_pass <- function(lint) {
  rule <- let_pass[[lint$linter]]
  if (is.null(rule)) return(FALSE)
  name <- sub("[^A-Za-z0-9_.].*", "", substring(lint$line, lint$column_number))
  rule(lint, name)
}

# Of functions and other values at the top of the files of R/.
names_given_twice <- function() {
  of_file <- function(file) {
    lines <- Filter(function(line) is.call(line) && identical(line[[1]], quote(`<-`)) && is.symbol(line[[2]]), as.list(parse(file)))
    data.frame(name = vapply(lines, function(line) as.character(line[[2]]), ""), file = rep(file, length(lines)))
  }
  all <- do.call(rbind, lapply(list.files("R", "\\.R$", full.names = TRUE), of_file))
  all[all$name %in% all$name[duplicated(all$name)], ]
}

main <- function() {
  twice <- names_given_twice()
  cat(sprintf("%s: `%s` is given twice.\n", twice$file, twice$name), sep = "")
  if (nrow(twice)) quit(save = "no", status = 1L)
  if (!requireNamespace("lintr", quietly = TRUE)) {
    cat("Skipped: lintr is not installed.\n")
    return(invisible())
  }
  lints <- Filter(Negate(is_let_pass), as.list(lintr::lint_package(".")))
  cat(vapply(lints, function(lint) sprintf("%s:%d: %s (%s)\n", lint$filename, lint$line_number, lint$message, lint$linter), ""), sep = "")
  cat(sprintf("lintr: %d found.\n", length(lints)))
  if (length(lints)) quit(save = "no", status = 1L)
}

main()
