#include "clients/cli/terminal_text.h"

#include "gtest/gtest.h"

namespace roster::cli {
namespace {

TEST(PrintableTest, ControlCharactersAndReorderingMarksAreReplaced) {
  EXPECT_EQ(Printable("a\x1b[31m\r\n\tb\x7f"), "a�[31m���b�");
  EXPECT_EQ(Printable("\xC2\x9B"
                      "31m"),
            "�31m");
  EXPECT_EQ(Printable("\xE2\x80\xAE"
                      "evil"),
            "�evil");
  EXPECT_EQ(Printable(std::string("\0x", 2)), "�x");
}

TEST(PrintableTest, BytesThatAreNoUtf8AreReplacedAndTheRestStays) {
  EXPECT_EQ(Printable("a\xff"
                      "b\xc3"),
            "a�b�");
  EXPECT_EQ(Printable("\xC0\xAF"), "��");
  EXPECT_EQ(Printable("\xED\xA0\x80"), "���");
  EXPECT_EQ(Printable("Zoë 東京 👍"), "Zoë 東京 👍");
}

TEST(DisplayWidthTest, CountsColumns) {
  EXPECT_EQ(DisplayWidth("Ann"), 3);
  EXPECT_EQ(DisplayWidth("Zoë"), 3);
  EXPECT_EQ(DisplayWidth("Zoe\xCC\x88"), 3);
  EXPECT_EQ(DisplayWidth("東京"), 4);
}

TEST(FitTest, FillsAndCutsToTheWidth) {
  EXPECT_EQ(Fit("Ann", 5, true), "Ann  ");
  EXPECT_EQ(Fit("Annabel", 5, true), "Anna…");
  EXPECT_EQ(Fit("Annabel", 5, false), "Annabel");
  EXPECT_EQ(Fit("東京都", 4, true), "東… ");
  EXPECT_EQ(Fit("Annabel", 7, true), "Annabel");
}

}  // namespace
}  // namespace roster::cli
