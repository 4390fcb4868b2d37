# What users look for is found: pages by the names of verbs, and by the words of their trade.

help_pages <- function() {
  folder <- file.path("..", "..", "man")
  pages <- if (dir.exists(folder)) lapply(list.files(folder, "\\.Rd$", full.names = TRUE), tools::parse_Rd) else unname(tools::Rd_db("glmpp"))
  skip_if(!length(pages), "the help pages are not installed")
  pages
}

parts_of <- function(page, tag) {
  found <- Filter(function(part) identical(attr(part, "Rd_tag"), tag), page)
  vapply(found, function(part) trimws(paste(unlist(part), collapse = "")), "")
}

test_that("a search by the words of a trade finds pages", {
  # help.search() looks at these, in any case of letters.
  searched <- unlist(lapply(help_pages(), function(page) lapply(c("\\alias", "\\concept", "\\title"), parts_of, page = page)))
  words <- c("odds ratio", "relative risk", "robust standard errors", "logistic regression", "rate ratio", "cluster", "separation", "Firth",
             "overdispersion", "offset", "ROC", "marginal effects", "negative binomial", "out of memory", "SQL", "tidymodels", "progress bar")
  for (word in words) expect_true(any(grepl(word, searched, ignore.case = TRUE)), label = sprintf("a page for \"%s\"", word))
})

test_that("help.search() itself finds them where pages are installed", {
  skip_if(!file.exists(system.file("help", "aliases.rds", package = "glmpp")), "the help pages are not installed")
  skip_if(!file.exists(system.file("Meta", "hsearch.rds", package = "glmpp")), "the pages have no index")
  for (word in c("odds ratio", "relative risk", "marginal effects", "SQL")) {
    found <- utils::help.search(word, package = "glmpp", agrep = FALSE, rebuild = FALSE)
    expect_gt(nrow(found$matches), 0, label = word)
  }
})

test_that("verbs of a fit have pages, whose titles are of their own", {
  pages <- help_pages()
  aliases <- unlist(lapply(pages, parts_of, "\\alias"))
  verbs <- c("summary", "residuals", "plot", "anova", "update", "simulate", "logLik", "deviance", "nobs", "predict", "vcov", "confint",
             "influence", "hatvalues", "rstandard", "cooks.distance")
  expect_identical(setdiff(paste0(verbs, ".glmpp"), aliases), character())
  titles <- vapply(pages, function(page) parts_of(page, "\\title")[1], "")
  expect_identical(titles[duplicated(titles)], character())
  # A line of help(package = "glmpp").
  expect_true(all(nchar(titles) > 8 & nchar(titles) < 100))
})

test_that("what the page on simulate() says of glm()'s numbers is so", {
  for (case in list(list(am ~ wt, binomial, mtcars), list(breaks ~ wool, poisson, warpbreaks), list(factor(am) ~ wt, binomial, mtcars))) {
    expect_identical(simulate(do.call(glmpp, case), 2, seed = 3), simulate(do.call(glm, case), 2, seed = 3), ignore_attr = TRUE)
  }
  expect_error(simulate(glmpp(am ~ wt, quasibinomial, mtcars)), "not implemented")
  expect_error(simulate(glmpp(am ~ wt, binomial, mtcars, keep = "summary")), class = "glmpp_error_left_out")
})

test_that("the trace has the columns that its page describes", {
  page <- Filter(function(page) "glmpp_control" %in% parts_of(page, "\\alias"), help_pages())[[1]]
  text <- paste(unlist(page), collapse = " ")
  fit <- glmpp(am ~ wt, binomial, mtcars, trace = c("coefficients"), solver = "lbfgs")
  for (column in names(fit$trace)) expect_true(grepl(column, text, fixed = TRUE), label = sprintf("%s on the page", column))
  last <- fit$trace[nrow(fit$trace), ]
  expect_equal(last$deviance, deviance(fit), tolerance = 1e-10)
  at <- attr(fit$trace, "coefficients")[1, ]
  score <- crossprod(cbind(1, mtcars$wt), mtcars$am - stats::plogis(at[1] + at[2] * mtcars$wt))
  expect_equal(fit$trace$gradient_max_norm[1], max(abs(score)), tolerance = 1e-10)
})

test_that("the citation is DESCRIPTION's, and BibTeX without a warning", {
  expect_silent(cited <- utils::citation("glmpp"))
  expect_silent(text <- utils::toBibtex(cited))
  described <- utils::packageDescription("glmpp")
  author <- eval(str2lang(described[["Authors@R"]]))
  expect_identical(format(cited$author, include = c("given", "family")), format(author, include = c("given", "family")))
  expect_identical(cited$title, paste0("glmpp: ", gsub("[[:space:]]+", " ", described$Title)))
  expect_match(cited$note, described$Version, fixed = TRUE)
  # As R CMD build and a mirror read it.
  expect_silent(alone <- utils::readCitationFile(system.file("CITATION", package = "glmpp"), list(Encoding = "UTF-8")))
  expect_s3_class(alone, "citation")
  expect_true(any(grepl("glmpp", text)))
})
