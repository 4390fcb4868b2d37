# Checks that R 4.1, the oldest that DESCRIPTION allows, has all of R that is used here.
#
#   Rscript .ci/oldest-r.R [FILE...]
#
# Read are all R files, the code of the vignettes and the examples of the help pages. What base, stats, utils,
# methods, graphics, grDevices, parallel and tools gained is listed from R's NEWS, and from the difference of
# what they export.

newer <- list(
  "4.2" = c(".pretty()", "Sys.setLanguage()", "mtfrm()", "psmirnov()", "qsmirnov()", "rsmirnov()", "findCRANmirror()",
            "gettext(trim)", "gettextf(trim)", "hist(fuzz)", "identical(extptr.as.ref)", "nclass.FD(digits)",
            "pretty(f.min)", "reorder(decreasing)", "simplify2array(except)", "write.ftable(sep)", "_"),
  "4.3" = c("R_compiled_by()", "array2DF()", "balancePOSIXlt()", "unCfillPOSIXlt()", "chooseOpsMethod()", "nameOfClass()",
            "matrixOps()", "qr.influence()", "toeplitz2()", "glyphInfo()", "glyphAnchor()", "glyphFont()", "glyphFontList()",
            "glyphJust()", "embedGlyphs()", "CRAN_aliases_db()", "CRAN_archive_db()", "CRAN_rdxrefs_db()",
            "base_aliases_db()", "base_rdxrefs_db()", "analyze_license()", "as.Rconcordance()", "matchConcordance()",
            "followConcordance()", "apropos(dot_internals)", "predict(rankdeficient)", "qqplot(conf.level)",
            "trans3d(continuous)"),
  "4.4" = c("%||%()", "Exec()", "Tailcall()", "declare()", "sort_by()", "use()", "findMatches()", "closeNode()", "recvData()",
            "recvOneData()", "sendData()", "registerClusterType()", "pkg2HTML()", "standard_package_names()",
            "confint(test)", "profile(test)", "filled.contour(key.border)", "kappa(uplo)", "methods(all.names)",
            "Rprof(event)", "source(catch.aborts)", "zapsmall(mFUN)"),
  "4.5" = c("grepv()", "zstdfile()", "sha256sum()", "CRAN_authors_db()", "CRAN_current_db()", "check_package_dois()",
            "check_package_urls()", "parse_URI_reference()", "findInterval(checkSorted)", "findInterval(checkNA)",
            "grid(nintLog)", "isSymmetric(trans)", "pdf(author)", "pdf(timestamp)", "pdf(producer)")
)
since <- setNames(rep(names(newer), lengths(newer)), unlist(newer))

find_violations <- function(files) {
  own <- unlist(lapply(list.files("R", "\\.R$", full.names = TRUE), function(file) functions_made(tokens_of(file))))
  unlist(lapply(files, function(file) {
    tokens <- tokens_of(file)
    # The tests see the functions of the package.
    known <- c(functions_made(tokens), if (grepl("^(R|tests)/", file)) own)
    used <- rbind(functions_called(tokens), arguments_named(tokens), placeholders(tokens))
    used <- used[used$name %in% names(since) & !used$name %in% paste0(known, "()"), ]
    if (nrow(used)) sprintf("%s:%d: R has %s since %s", file, used$line, used$name, since[used$name])
  }))
}

# The code of a file, its lines where they are.
code_of <- function(file) {
  if (grepl("\\.Rd$", file)) return(utils::capture.output(tools::Rd2ex(file, commentDontrun = FALSE)))
  lines <- readLines(file, warn = FALSE)
  if (!grepl("\\.Rmd$", file)) return(lines)
  fence <- grepl("^```", lines)
  last <- which(fence)[cumsum(fence)[cumsum(fence) > 0]]
  is_r <- c(logical(sum(cumsum(fence) == 0)), grepl("^```+ *\\{r", lines[last]))
  ifelse(is_r & cumsum(fence) %% 2 == 1 & !fence, lines, "")
}

tokens_of <- function(file) {
  tokens <- utils::getParseData(parse(text = code_of(file), keep.source = TRUE))
  if (is.null(tokens)) utils::getParseData(parse(text = "x", keep.source = TRUE))[0L, ] else tokens
}

table_of <- function(name, line) data.frame(name = as.character(name), line = as.integer(line))

functions_made <- function(tokens) {
  arrows <- which(tokens$token == "LEFT_ASSIGN")
  gsub("`", "", tokens$text[c(pmax(arrows - 1L, 1L), pmax(arrows - 2L, 1L))])
}

functions_called <- function(tokens) {
  calls <- tokens[tokens$token %in% c("SYMBOL_FUNCTION_CALL", "SPECIAL"), ]
  table_of(sprintf("%s()", calls$text), calls$line1)
}

# Named arguments as function(argument).
arguments_named <- function(tokens) {
  arguments <- tokens[tokens$token == "SYMBOL_SUB", ]
  calls <- tokens[tokens$token == "SYMBOL_FUNCTION_CALL", ]
  around <- tokens$parent[match(calls$parent, tokens$id)]
  called <- calls$text[match(arguments$parent, around)]
  table_of(sprintf("%s(%s)", called, arguments$text), arguments$line1)
}

placeholders <- function(tokens) {
  found <- tokens[tokens$token == "PLACEHOLDER", ]
  table_of(found$text, found$line1)
}

main <- function(files) {
  if (length(files) == 0L) {
    files <- list.files(c("R", "tests", "inst", "bench", ".ci", "vignettes", "man"), "\\.(R|Rmd|Rd)$",
                        recursive = TRUE, full.names = TRUE)
  }
  violations <- find_violations(files)
  if (length(violations) > 0L) {
    writeLines(violations)
    quit(save = "no", status = 1L)
  }
  cat("R 4.1 has what is used in ", length(files), " files.\n", sep = "")
}

if (sys.nframe() == 0L) main(commandArgs(trailingOnly = TRUE))
